"""Times the networks of tests/fixtures/networks/reference.py, and torchvision's ResNet-18, under PyTorch: what Factory.Bench compares itself with. Prints seconds, the median of the rounds."""

import pathlib
import statistics
import sys
import time

import torch

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "fixtures" / "networks"))

from reference import Discriminator, Global, Local, descend  # noqa: E402


def of_classifier(size, batch):
    """A step of torchvision's ResNet-18 on images that are ready."""
    from torchvision.models import resnet18

    network = resnet18(num_classes=4)
    optimizer = torch.optim.SGD(network.parameters(), 1e-3, momentum=0.9, weight_decay=1e-4)
    images, labels = torch.randn(batch, 3, size, size), torch.arange(batch) % 4

    def once():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()

    return once


def of_generator(what, ngf, downsamplings, blocks, local_blocks, norm, ndf, size, batch):
    """A forward pass of the generator, or a step of it and its discriminator."""
    generator = Global(3, ngf, downsamplings, blocks, norm) if local_blocks < 0 else Local(3, ngf, downsamplings, blocks, local_blocks, norm)
    condition = torch.rand(batch, 3, size, size) * 2 - 1
    if what == "forward":
        generator.eval()

        def forward():
            with torch.no_grad():
                generator(condition)

        return forward
    discriminator = Discriminator(6, ndf, norm)
    image = torch.rand(batch, 3, size, size) * 2 - 1
    optimizers = [torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999)) for network in (generator, discriminator)]
    return lambda: descend(generator, discriminator, None, condition, image, optimizers)


what, rounds, threads, *shape = sys.argv[1:]
torch.set_num_threads(int(threads))
if what == "classifier":
    once = of_classifier(*map(int, shape))
else:
    ngf, downsamplings, blocks, local_blocks, norm, ndf, size, batch = shape
    once = of_generator(what, int(ngf), int(downsamplings), int(blocks), int(local_blocks), norm, int(ndf), int(size), int(batch))

once()
times = []
for _ in range(int(rounds)):
    started = time.perf_counter()
    once()
    times.append(time.perf_counter() - started)
print(statistics.median(times))
