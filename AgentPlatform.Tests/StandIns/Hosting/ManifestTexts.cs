namespace AgentPlatform.Tests.StandIns.Hosting;

internal static class ManifestTexts
{
    /// <summary>Two projects, Redis and Postgres with a database, as Aspire 13.5.2 writes them.</summary>
    public const string Whole = """
        {
          "resources": {
            "web": {
              "type": "project.v0",
              "path": "../Web/Web.csproj",
              "args": [
                "--x"
              ],
              "env": {
                "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory",
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true",
                "HTTP_PORTS": "{web.bindings.http.targetPort}",
                "ConnectionStrings__cache": "{cache.connectionString}",
                "CACHE_HOST": "{cache.bindings.tcp.host}",
                "CACHE_PORT": "{cache.bindings.tcp.port}",
                "CACHE_PASSWORD": "{cache-password.value}",
                "CACHE_URI": "{cache.bindings.tcp.scheme}://:{cache-password-uri-encoded.value}@{cache.bindings.tcp.host}:{cache.bindings.tcp.port}",
                "ConnectionStrings__db": "{db.connectionString}",
                "DB_HOST": "{pg.bindings.tcp.host}",
                "DB_PORT": "{pg.bindings.tcp.port}",
                "DB_USERNAME": "postgres",
                "DB_PASSWORD": "{pg-password.value}",
                "DB_URI": "postgresql://postgres:{pg-password-uri-encoded.value}@{pg.bindings.tcp.host}:{pg.bindings.tcp.port}/db",
                "DB_JDBCCONNECTIONSTRING": "jdbc:postgresql://{pg.bindings.tcp.host}:{pg.bindings.tcp.port}/db",
                "DB_DATABASENAME": "db",
                "services__api__http__0": "{api.bindings.http.url}",
                "API_HTTP": "{api.bindings.http.url}"
              },
              "bindings": {
                "http": {
                  "scheme": "http",
                  "protocol": "tcp",
                  "transport": "http",
                  "external": true
                },
                "https": {
                  "scheme": "https",
                  "protocol": "tcp",
                  "transport": "http",
                  "external": true
                }
              }
            },
            "cache": {
              "type": "container.v0",
              "connectionString": "{cache.bindings.tcp.host}:{cache.bindings.tcp.port},password={cache-password.value}{cond-cache-bindings-tcp-tlsenabled-3eddb73a.connectionString}",
              "image": "docker.io/library/redis:8.6",
              "entrypoint": "/bin/sh",
              "args": [
                "-c",
                "redis-server --requirepass $REDIS_PASSWORD --save 60 1"
              ],
              "volumes": [
                {
                  "name": "cache-data",
                  "target": "/data",
                  "readOnly": false
                }
              ],
              "env": {
                "REDIS_PASSWORD": "{cache-password.value}"
              },
              "bindings": {
                "tcp": {
                  "scheme": "redis",
                  "protocol": "tcp",
                  "transport": "tcp",
                  "targetPort": 6379
                }
              }
            },
            "pg": {
              "type": "container.v0",
              "connectionString": "Host={pg.bindings.tcp.host};Port={pg.bindings.tcp.port};Username=postgres;Password={pg-password.value}",
              "image": "docker.io/library/postgres:18.3",
              "env": {
                "POSTGRES_HOST_AUTH_METHOD": "scram-sha-256",
                "POSTGRES_INITDB_ARGS": "--auth-host=scram-sha-256 --auth-local=scram-sha-256",
                "POSTGRES_USER": "postgres",
                "POSTGRES_PASSWORD": "{pg-password.value}"
              },
              "bindings": {
                "tcp": {
                  "scheme": "tcp",
                  "protocol": "tcp",
                  "transport": "tcp",
                  "port": 5433,
                  "targetPort": 5432
                }
              }
            },
            "db": {
              "type": "value.v0",
              "connectionString": "{pg.connectionString};Database=db"
            },
            "api": {
              "type": "project.v0",
              "path": "../Api/Api.csproj",
              "env": {
                "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory",
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true",
                "HTTP_PORTS": "{api.bindings.http.targetPort}"
              },
              "bindings": {
                "http": {
                  "scheme": "http",
                  "protocol": "tcp",
                  "transport": "http"
                },
                "https": {
                  "scheme": "https",
                  "protocol": "tcp",
                  "transport": "http"
                }
              }
            },
            "cache-password": {
              "type": "parameter.v0",
              "value": "{cache-password.inputs.value}",
              "inputs": {
                "value": {
                  "type": "string",
                  "secret": true,
                  "default": {
                    "generate": {
                      "minLength": 22,
                      "special": false
                    }
                  }
                }
              }
            },
            "cache-password-uri-encoded": {
              "type": "annotated.string",
              "value": "{cache-password.value}",
              "filter": "uri"
            },
            "pg-password": {
              "type": "parameter.v0",
              "value": "{pg-password.inputs.value}",
              "inputs": {
                "value": {
                  "type": "string",
                  "secret": true,
                  "default": {
                    "generate": {
                      "minLength": 22
                    }
                  }
                }
              }
            },
            "pg-password-uri-encoded": {
              "type": "annotated.string",
              "value": "{pg-password.value}",
              "filter": "uri"
            },
            "cond-cache-bindings-tcp-tlsenabled-3eddb73a": {
              "type": "value.v0",
              "connectionString": ""
            }
          }
        }
        """;
}
