using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.Models.Anthropic;
using AgentPlatform.Emulators.Models.Behaviour;
using AgentPlatform.Emulators.Models.Control;
using AgentPlatform.Emulators.Models.OpenAI;

namespace AgentPlatform.Emulators.Models;

/// <summary>The emulated model providers: their parts and their addresses.</summary>
internal static class ModelsModule
{
    public static WebApplicationBuilder AddModels(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ModelsOptions>().BindConfiguration(ModelsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<Directives>()
            .AddSingleton<Script>()
            .AddSingleton<ModelFaults>()
            .AddSingleton<ModelCalls>()
            .AddSingleton<ModelExchange>()
            .AddSingleton<AnthropicDialect>()
            .AddSingleton<ChatDialect>()
            .AddSingleton<ResponsesDialect>();
        return builder;
    }

    public static WebApplication MapModels(this WebApplication app)
    {
        app.MapAnthropic();
        app.MapOpenAI();
        app.MapControl("/control/models").MapModelControl();
        return app;
    }
}
