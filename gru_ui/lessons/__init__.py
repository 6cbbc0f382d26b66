"""The lessons on the screen: which one, which step, its words, its picture and its question."""
