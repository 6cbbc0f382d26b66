"""Each framework's names for the parameters of recurrent layers: one `Naming` a module."""
