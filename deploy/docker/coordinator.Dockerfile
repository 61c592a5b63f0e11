# The coordinator, and the `factory` command:
#   docker build -f deploy/docker/coordinator.Dockerfile --build-arg REVISION=$(git rev-parse HEAD) -t factory/coordinator:0.1.0 .
# A site without these registries names its own images: --build-arg SDK=... --build-arg RUNTIME=...
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0.12-noble-chiseled

FROM ${SDK} AS build
# Coordinator and worker must be of one revision, and know each other by it.
ARG REVISION
WORKDIR /source
COPY . .
# Both in one folder; the command works here without torch, as a client and to migrate.
RUN test -n "${REVISION}" || { echo "--build-arg REVISION is missing" >&2; exit 1; }; for project in Cli Coordinator; do \
      dotnet publish src/$project --configuration Release --runtime linux-x64 --no-self-contained -p:TorchBackend=none -p:SourceRevisionId=${REVISION} --output /app || exit 1; \
    done

FROM ${RUNTIME}
COPY --from=build /app /app
ENV PATH=/app DOTNET_ROOT=/usr/share/dotnet DOTNET_EnableDiagnostics=0 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false HOME=/tmp
WORKDIR /app
USER 1654:1654
EXPOSE 5080
# All that is written to.
VOLUME /tmp
ENTRYPOINT ["/app/Factory.Coordinator"]
