"""In which language a reader is told what the rooms say.

The rooms say it in English, which is what the log keeps and its hash is over. `reading.py` reads message ids and values
back from such a text, `told.py` says them in another language, at the edge: in pages, mail and chats.
"""
