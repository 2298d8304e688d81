namespace Aspire.Hosting.ApplicationModel;

/// <summary>How long a container lives.</summary>
public enum ContainerLifetime
{
    /// <summary>As long as the application runs.</summary>
    Session,

    /// <summary>Beyond it; the next run takes it up again.</summary>
    Persistent,
}

internal sealed class ContainerLifetimeAnnotation(ContainerLifetime lifetime) : IResourceAnnotation
{
    public ContainerLifetime Lifetime { get; } = lifetime;
}

internal sealed class ContainerNameAnnotation(string name) : IResourceAnnotation
{
    public string Name { get; } = name;
}

internal sealed class ContainerImageAnnotation : IResourceAnnotation
{
    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag { get; set; }

    /// <summary>Takes an image apart: a colon after the last slash begins the tag, and a first part with a dot or colon is a registry.</summary>
    public static ContainerImageAnnotation Parse(string image, string? tag)
    {
        var (name, ownTag) = image.LastIndexOf(':') is var colon && colon > image.LastIndexOf('/')
            ? (image[..colon], image[(colon + 1)..])
            : (image, null);
        if (tag is not null && ownTag is not null)
        {
            throw new InvalidOperationException("Ambiguous tags - a tag was provided on both the 'tag' and 'image' parameters");
        }

        var first = name.Split('/', 2);
        var hasRegistry = first.Length == 2 && (first[0].Contains('.', StringComparison.Ordinal) || first[0].Contains(':', StringComparison.Ordinal));
        return new ContainerImageAnnotation
        {
            Registry = hasRegistry ? first[0] : null,
            Image = hasRegistry ? first[1] : name,
            Tag = tag ?? ownTag ?? "latest",
        };
    }

    public override string ToString() =>
        $"{(Registry is null ? "" : Registry + "/")}{Image}{(Tag is null ? "" : ":" + Tag)}";
}

internal enum ContainerMountType
{
    BindMount,
    Volume,
}

internal sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>A directory, or the name of a volume; null is a volume without a name.</summary>
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public ContainerMountType Type { get; } = type;

    public bool IsReadOnly { get; } = isReadOnly;
}
