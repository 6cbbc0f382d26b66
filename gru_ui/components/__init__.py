"""Pictures that live in the browser: what answers a drag or a play button without asking the server."""
