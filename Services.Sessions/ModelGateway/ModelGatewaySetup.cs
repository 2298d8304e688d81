namespace Services.Sessions.ModelGateway;

/// <summary>The model gateway.</summary>
internal static class ModelGatewaySetup
{
    public static void AddModelGateway(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<AnthropicOptions>().BindConfiguration(AnthropicOptions.Section)
            .Validate(options => options.BaseUrl.IsAbsoluteUri, "Models:Anthropic:BaseUrl is an absolute http or https address.");
        builder.Services.AddOptionsWithValidateOnStart<ModelBudgetOptions>().BindConfiguration(ModelBudgetOptions.Section).ValidateDataAnnotations();
        builder.Services.AddLongLivedHttpClient(ModelGatewayEndpoints.ClientName);
        builder.Services.AddSingleton<RunTokens>();
        builder.Services.AddSingleton<Spend>();
        builder.Services.AddSingleton(_ => new CallBodies());
        builder.Services.AddSingleton<ModelGatewayEndpoints>();
    }

    public static void MapModelGateway(this IEndpointRouteBuilder routes) => ModelGatewayEndpoints.Map(routes);
}
