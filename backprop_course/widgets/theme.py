"""Colours that a picture takes from the page around it: JupyterLab, VS Code, or plain paper."""

TEXT = "var(--jp-ui-font-color1, var(--vscode-foreground, #222222))"
PAPER = "var(--jp-layout-color0, var(--vscode-editor-background, #ffffff))"
