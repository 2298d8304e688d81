using System.Globalization;

// The smallest service that shows what the app host gave it.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

app.MapGet("/health", () => "healthy");
app.MapGet("/process", () => Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapGet("/arguments", () => args);

Console.WriteLine("sample started");
app.Run();
