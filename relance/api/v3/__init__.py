"""Mailchimp's Marketing API v3: one file per resource (spec/api.md 1). Its words exist only here, in words.py."""
