"""The page of gradient flow: what is chosen on it, who stands beside the model, and the page itself."""
