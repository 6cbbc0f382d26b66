"""The languages of the screen: which there are, their catalogues, and what is said in them."""
