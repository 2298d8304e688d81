using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Dashboard;

/// <summary>Puts what is known about an instance of a resource into the dashboard's words, without the secrets.</summary>
/// <param name="mask">What must not be told.</param>
/// <param name="begun">Stands in for the time at which a resource was made where nobody noted it: the dashboard wants one.</param>
internal sealed class ResourceMessages(SecretMask mask, DateTimeOffset begun)
{

    /// <summary>
    /// Sensitive, and useful when only the secrets in them are masked: from a connection string the dashboard learns whom a
    /// trace's database call went to.
    /// </summary>
    private static readonly string[] PartlyShown = ["resource.connectionString", "executable.args"];

    public Wire.Resource Create(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        var message = new Wire.Resource
        {
            Name = change.ResourceId,
            DisplayName = change.Resource.Name,
            Uid = change.ResourceId,
            ResourceType = snapshot.ResourceType,
            CreatedAt = Time(snapshot.CreationTimeStamp ?? begun.UtcDateTime),
            StartedAt = Time(snapshot.StartTimeStamp),
            StoppedAt = Time(snapshot.StopTimeStamp),
            IsHidden = snapshot.IsHidden,
        };
        if (snapshot.State is { } state)
        {
            message.State = state.Text;
            SetIfKnown(state.Style, style => message.StateStyle = style);
        }

        message.Environment.Add(snapshot.EnvironmentVariables.Select(Variable));
        message.Properties.Add(Properties(change));
        message.Urls.Add(snapshot.Urls.Select(Url));
        message.Volumes.Add(snapshot.Volumes.Select(Volume));
        message.HealthReports.Add(snapshot.HealthReports.Select(Health));
        message.Relationships.Add(snapshot.Relationships.Distinct().Select(Relationship));
        message.Commands.Add(snapshot.Commands.Select(Command));
        return message;
    }

    private Wire.EnvironmentVariable Variable(EnvironmentVariableSnapshot variable)
    {
        var message = new Wire.EnvironmentVariable { Name = variable.Name, IsFromSpec = variable.IsFromSpec };
        SetIfKnown(variable.Value, value => message.Value = mask.ApplyToSetting(variable.Name, value));
        return message;
    }

    private IEnumerable<Wire.ResourceProperty> Properties(ResourceEvent change)
    {
        var properties = change.Snapshot.Properties;
        var common = CommonProperties(change).Where(one => one.Value is not null && properties.All(other => other.Name != one.Name));
        return common.Concat(properties).Select(property => new Wire.ResourceProperty
        {
            Name = property.Name,
            IsSensitive = property.IsSensitive,
            Value = property.IsSensitive && !PartlyShown.Contains(property.Name)
                ? Value.ForString(SecretMask.Mask)
                : Convert(property.Name, property.Value),
        });
    }

    /// <summary>What the dashboard shows of every resource, whatever it is.</summary>
    private static IEnumerable<ResourcePropertySnapshot> CommonProperties(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        yield return new("resource.displayName", change.Resource.Name);
        yield return new("resource.state", snapshot.State?.Text);
        yield return new("resource.healthState", snapshot.HealthStatus?.ToString());
        yield return new("resource.startTime", snapshot.StartTimeStamp);
        yield return new("resource.stopTime", snapshot.StopTimeStamp);
        yield return new("resource.exitCode", snapshot.ExitCode);
        // A resource is listed below its parent.
        yield return new("resource.parentName", ParentOf(change.Resource)?.InstanceIds()[0]);
    }

    private static IResource? ParentOf(IResource resource) =>
        (resource as IResourceWithParent)?.Parent
        ?? resource.Annotations.OfType<ResourceRelationshipAnnotation>()
            .FirstOrDefault(static relationship => relationship.Type == ResourceRelationshipAnnotation.Parent)?.Resource;

    private Value Convert(string name, object? value) => value switch
    {
        null => Value.ForNull(),
        string text => Value.ForString(mask.ApplyToSetting(name, text)),
        bool truth => Value.ForBool(truth),
        int or long or double => Value.ForNumber(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        DateTime time => Value.ForString(time.ToString("O", CultureInfo.InvariantCulture)),
        IEnumerable items => Value.ForList([.. items.Cast<object?>().Select(item => Convert(name, item))]),
        _ => Value.ForString(mask.ApplyToSetting(name, System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")),
    };

    private Wire.Url Url(UrlSnapshot url)
    {
        var message = new Wire.Url
        {
            FullUrl = mask.ApplyToSetting("url", url.Url),
            IsInternal = url.IsInternal,
            IsInactive = url.IsInactive,
            DisplayProperties = new Wire.UrlDisplayProperties
            {
                DisplayName = url.DisplayProperties.DisplayName,
                SortOrder = url.DisplayProperties.SortOrder,
            },
        };
        SetIfKnown(url.Name, name => message.EndpointName = name);
        return message;
    }

    private static Wire.Volume Volume(VolumeSnapshot volume) =>
        new() { Source = volume.Source ?? "", Target = volume.Target, MountType = volume.MountType, IsReadOnly = volume.IsReadOnly };

    private Wire.HealthReport Health(HealthReportSnapshot report)
    {
        var message = new Wire.HealthReport
        {
            Key = report.Name,
            Description = mask.Apply(report.Description ?? ""),
            Exception = mask.Apply(report.ExceptionText ?? ""),
            LastRunAt = Time(report.LastRunAt),
        };
        if (report.Status is { } status)
        {
            message.Status = status switch
            {
                HealthStatus.Healthy => Wire.HealthStatus.Healthy,
                HealthStatus.Degraded => Wire.HealthStatus.Degraded,
                _ => Wire.HealthStatus.Unhealthy,
            };
        }

        return message;
    }

    private static Wire.ResourceRelationship Relationship(RelationshipSnapshot relationship) =>
        new() { ResourceName = relationship.ResourceName, Type = relationship.Type };

    private static Wire.ResourceCommand Command(ResourceCommandSnapshot command)
    {
        var message = new Wire.ResourceCommand
        {
            Name = command.Name,
            DisplayName = command.DisplayName,
            IsHighlighted = command.IsHighlighted,
            State = command.State switch
            {
                ResourceCommandState.Enabled => Wire.ResourceCommandState.Enabled,
                ResourceCommandState.Disabled => Wire.ResourceCommandState.Disabled,
                _ => Wire.ResourceCommandState.Hidden,
            },
        };
        SetIfKnown(command.DisplayDescription, description => message.DisplayDescription = description);
        SetIfKnown(command.IconName, icon => message.IconName = icon);
        return message;
    }

    private static Timestamp? Time(DateTime? time) => time is { } known ? Timestamp.FromDateTime(known.ToUniversalTime()) : null;

    /// <summary>The message classes take no null: what is not set is not sent.</summary>
    private static void SetIfKnown(string? value, Action<string> set)
    {
        if (value is not null)
        {
            set(value);
        }
    }
}
