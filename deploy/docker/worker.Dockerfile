# The worker:
#   docker build -f deploy/docker/worker.Dockerfile --build-arg REVISION=$(git rev-parse HEAD) -t factory/worker:0.1.0 .
# For GPUs: --build-arg TORCH=cuda -t factory/worker:0.1.0-cuda; the driver comes from the host (NVIDIA's container toolkit or device plugin).
# A site without these registries names its own images: --build-arg SDK=... --build-arg RUNTIME=...
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0.12-noble-chiseled

FROM ${SDK} AS build
# cpu or cuda
ARG TORCH=cpu
# Coordinator and worker must be of one revision, and know each other by it.
ARG REVISION
WORKDIR /source
COPY . .
RUN test -n "${REVISION}" || { echo "--build-arg REVISION is missing" >&2; exit 1; }; \
    dotnet publish src/GpuWorker --configuration Release --runtime linux-x64 --no-self-contained -p:TorchBackend=${TORCH} -p:SourceRevisionId=${REVISION} --output /app \
 && mkdir /scratch

FROM ${RUNTIME}
COPY --from=build --chown=1654:1654 /scratch /scratch
COPY --from=build /app /app
ENV PATH=/app DOTNET_ROOT=/usr/share/dotnet DOTNET_EnableDiagnostics=0 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false HOME=/tmp \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    Presence__File=/tmp/worker-alive Scratch__Folder=/scratch/files Objects__Cache__Folder=/scratch/cache Objects__S3__ScratchFolder=/scratch/uploads
WORKDIR /app
USER 1654:1654
# All that is written to.
VOLUME /tmp /scratch
ENTRYPOINT ["/app/Factory.GpuWorker"]
