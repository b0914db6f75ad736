"""The support assistant: retrieve a help-centre section, answer from it with the words the prompt allows."""
