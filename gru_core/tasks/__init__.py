"""Tasks that a small model can learn, one file each; `base.Task` says what each offers."""
