"""The kiosk read aloud: which clips say a text, and a process of its own that plays them.

Sound is a courtesy. Whatever happens to it, the window neither waits nor notices.
"""
