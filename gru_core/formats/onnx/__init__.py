"""ONNX: every GRU node of a graph, and what stands around it."""
