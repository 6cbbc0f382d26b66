"""TensorFlow's checkpoints: index, arrays and checksums."""
