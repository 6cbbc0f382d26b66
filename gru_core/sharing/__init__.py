"""Views that people share: a link's query under a short key, with the uploads that it points to."""
