# Each word below is a command of course.py, which works without make, too:
#     make lab                        JupyterLab on the welcome lesson
#     make test                       every test, and every stored output compared
#     make notebooks                  the notebooks, built from their sources
#     make slides                     decks for the lecture hall: one HTML file a lesson
#     make handout                    the lessons as PDF files for print
#     make tour                       thirty seconds in the terminal
#     make benchmark                  the layers beside other libraries
# More words for the command go into ARGS:  make lab ARGS="--no-browser"

PYTHON ?= python3
ARGS ?=

.PHONY: help lab test notebooks tour slides handout benchmark

help:
	@$(PYTHON) course.py

lab test notebooks tour slides handout benchmark:
	@$(PYTHON) course.py $@ $(ARGS)
