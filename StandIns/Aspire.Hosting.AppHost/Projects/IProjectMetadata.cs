using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says where a project is; the build generates an implementation for each project that the app host refers to.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>Absolute path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>Whether the project has been built already and is started as it is.</summary>
    bool SuppressBuild => false;
}
