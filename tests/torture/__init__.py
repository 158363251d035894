"""The running kiosk under ten thousand random events, and a ledger of what each citizen did to hold it against."""
