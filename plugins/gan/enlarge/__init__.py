"""Enlarge: any picture four times as large, by SRGAN."""
