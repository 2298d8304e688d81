// Run by eng/add-migration.sh in a temporary project: compares the service's model with its snapshot and writes the difference as a migration.
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Design.Internal;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.Extensions.DependencyInjection;

var (service, name, directory) = (args[0], args[1], args[2]);
var assembly = Assembly.Load(service);
var contextType = assembly.GetTypes().Single(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(DbContext)));

var options = (DbContextOptionsBuilder)Activator.CreateInstance(typeof(DbContextOptionsBuilder<>).MakeGenericType(contextType))!;
options.UseNpgsql("Host=never-connected", npgsql => npgsql.MigrationsAssembly(assembly.GetName().Name));
using var context = (DbContext)Activator.CreateInstance(contextType, options.Options)!;

var reporter = new OperationReporter(new OperationReportHandler(Console.Error.WriteLine, Console.Error.WriteLine, Console.WriteLine));
var design = new DesignTimeServicesBuilder(assembly, assembly, reporter, []).Build(context);
using var scope = design.CreateScope();
var scaffolder = scope.ServiceProvider.GetRequiredService<IMigrationsScaffolder>();
var migration = scaffolder.ScaffoldMigration(name, service, "Storage.Migrations", "C#");
var files = scaffolder.Save(directory, migration, Path.Combine(directory, "Storage", "Migrations"), dryRun: false);
Console.WriteLine($"{files.MigrationFile}\n{files.MetadataFile}\n{files.SnapshotFile}");
