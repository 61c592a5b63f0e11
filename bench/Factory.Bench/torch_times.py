"""Times the networks of tests/fixtures/networks/reference.py under PyTorch: what Factory.Bench compares itself with. Prints seconds, the median of the rounds."""

import pathlib
import statistics
import sys
import time

import torch

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "fixtures" / "networks"))

from reference import Discriminator, Global, Local, descend  # noqa: E402

what, ngf, downsamplings, blocks, local_blocks, norm, ndf, size, batch, rounds, threads = sys.argv[1], *map(str, sys.argv[2:])
ngf, downsamplings, blocks, local_blocks, ndf, size, batch, rounds, threads = map(int, (ngf, downsamplings, blocks, local_blocks, ndf, size, batch, rounds, threads))
torch.set_num_threads(threads)
generator = Global(3, ngf, downsamplings, blocks, norm) if local_blocks < 0 else Local(3, ngf, downsamplings, blocks, local_blocks, norm)
condition = torch.rand(batch, 3, size, size) * 2 - 1

if what == "forward":
    generator.eval()

    def once():
        with torch.no_grad():
            generator(condition)
else:
    discriminator = Discriminator(6, ndf, norm)
    image = torch.rand(batch, 3, size, size) * 2 - 1
    optimizers = [torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999)) for network in (generator, discriminator)]

    def once():
        descend(generator, discriminator, None, condition, image, optimizers)

once()
times = []
for _ in range(rounds):
    started = time.perf_counter()
    once()
    times.append(time.perf_counter() - started)
print(statistics.median(times))
