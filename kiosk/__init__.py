"""The kiosk: a full-screen Kivy window, the decisions behind it, and the answers kept on the device."""
