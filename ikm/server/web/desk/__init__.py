"""The officials' pages: who has come in sees, arranges and answers what their rights reach."""
