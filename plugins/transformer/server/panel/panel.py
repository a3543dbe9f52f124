"""The panel of a server's model: that of every text, without what needs the network's inside."""

from ...text.panel.panel import TransformerPanel


class ServerPanel(TransformerPanel):
    """Nothing is compiled for it, and what is asked for is asked for in one piece: each request costs a journey."""

    kernels = ""
    chunk = 4096
