"""The job of staging: from a folder of files to encoded documents and a laid-out task matrix."""
