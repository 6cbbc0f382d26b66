"""The page of real models: what is chosen on it, what it runs, and how it says what a model says."""
