"""Texts that a server writes by the protocol of OpenAI, word by word, with what nearly came where it says that."""
