project = "My notes"
extensions = ["sphinx_tape", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
numfig = True
