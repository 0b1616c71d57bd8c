"""Chats out to files and in from files, other products' exports included."""
