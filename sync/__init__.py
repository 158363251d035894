"""The device's side of the protocol, whole: what is pending goes up, receipts and configurations come down."""
