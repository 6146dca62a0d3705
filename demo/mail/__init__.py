"""The demo's mail: an SMTP server that sends nothing on, and a page that shows what came."""
