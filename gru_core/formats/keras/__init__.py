"""Keras 1 to 3 and TensorFlow.js: layers by their configuration, weights by their files."""
