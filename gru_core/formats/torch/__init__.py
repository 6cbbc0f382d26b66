"""PyTorch's own files: checkpoints and TorchScript archives."""
