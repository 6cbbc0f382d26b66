"""PaddlePaddle 1: folders of parameters, and the program beside them."""
