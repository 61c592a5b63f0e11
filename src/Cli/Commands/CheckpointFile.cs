using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Networks;

namespace Factory.Cli.Commands;

/// <summary>Describes a checkpoint file from its own metadata.</summary>
internal static class CheckpointFile
{
    // What it was trained at; the loss takes any size.
    private const int VggSize = 224;

    /// <summary>What is to be registered of a checkpoint file.</summary>
    /// <exception cref="CliException">It is no checkpoint of this factory.</exception>
    /// <exception cref="SafeTensorsException">It is truncated or malformed.</exception>
    public static NewCheckpoint Describe(string name, string path, byte[] content)
    {
        ObjectRef blob = new() { Digest = Sha256Digest.Of(content), Bytes = content.Length, MediaType = MediaTypes.SafeTensors };
        try
        {
            using SafeTensorsFile file = SafeTensors.Read(content);
            // Others' weights, as they are.
            if (Vgg19Features.IsThere(file)) return Perceptual(name, blob, file);
            return file.Require("kind") switch
            {
                CheckpointKinds.Classifier => Classifier(name, blob, file),
                CheckpointKinds.Generator => Generator(name, blob, file),
                string other => throw new CliException($"{path} is a {other} checkpoint; a classifier or generator is needed (factory checkpoint export writes one)."),
            };
        }
        catch (SafeTensorsException damage)
        {
            throw new CliException($"{path}: {damage.Message}");
        }
        catch (CheckpointException unfit)
        {
            throw new CliException($"{path}: {unfit.Message}");
        }
    }

    private static NewCheckpoint Classifier(string name, ObjectRef blob, SafeTensorsFile file)
    {
        ClassifierArchitecture architecture = ClassifierArchitecture.FromJson(file.Require("architecture"));
        return new()
        {
            Name = name,
            Object = blob,
            Kind = CheckpointKinds.Classifier,
            Architecture = string.Create(CultureInfo.InvariantCulture, $"{architecture.Name}-w{architecture.Width}-s{architecture.OutputStride}"),
            Categories = Categories(file, "categories"),
            Size = architecture.Size,
        };
    }

    private static NewCheckpoint Generator(string name, ObjectRef blob, SafeTensorsFile file)
    {
        GeneratorArchitecture architecture = GeneratorArchitecture.FromJson(file.Require("architecture"));
        return new()
        {
            Name = name,
            Object = blob,
            Kind = CheckpointKinds.Generator,
            Architecture = architecture.Name,
            Categories = Categories(file, "annotation.categories"),
            Size = architecture.Size,
            Classifier = Sha256Digest.Parse(file.Require("annotation.classifier")),
        };
    }

    private static NewCheckpoint Perceptual(string name, ObjectRef blob, SafeTensorsFile file)
    {
        Vgg19Features.Load(file).Dispose();
        return new() { Name = name, Object = blob, Kind = CheckpointKinds.Perceptual, Architecture = Vgg19Features.Name, Categories = new() { Names = [], Background = 0 }, Size = VggSize };
    }

    private static CategoryList Categories(SafeTensorsFile file, string key) => new()
    {
        Names = JsonSerializer.Deserialize<List<string>>(file.Require(key))!,
        Background = int.Parse(file.Require("annotation.background"), CultureInfo.InvariantCulture),
    };
}
