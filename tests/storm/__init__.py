"""Proof of not losing: workers are killed at random while events flow, and everything must close afterwards."""
