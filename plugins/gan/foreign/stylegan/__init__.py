"""Generators of StyleGAN2 and StyleGAN3 as NVIDIA and rosinality save them."""
