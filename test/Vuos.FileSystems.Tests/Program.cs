using System.Reflection;
using Vuos.FileSystems.Tests.Behaviour;

namespace Vuos.FileSystems.Tests;

/// <summary>The tests as a program, which another user can run: every fact of <see cref="PassthroughBehaviourTests"/> and <see cref="UnprivilegedFacts"/>. A test host cannot change its user.</summary>
internal static class Program
{
    private static async Task<int> Main()
    {
        var failed = 0;
        foreach (var (type, mark) in ((Type, Type)[])[(typeof(PassthroughBehaviourTests), typeof(FactAttribute)), (typeof(UnprivilegedFacts), typeof(AsUserAttribute))])
        {
            foreach (var method in type.GetMethods().Where(m => m.IsDefined(mark)))
            {
                var tests = (BehaviourTests)Activator.CreateInstance(type)!;
                await tests.InitializeAsync();
                try
                {
                    await (Task)method.Invoke(tests, null)!;
                    Console.WriteLine($"passed {method.Name}");
                }
                catch (Exception e)
                {
                    failed++;
                    Console.WriteLine($"FAILED {method.Name}: {e.GetBaseException().Message}");
                }

                await tests.DisposeAsync();
            }
        }

        return failed == 0 ? 0 : 1;
    }
}

/// <summary>A fact that only holds for users who are not root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AsUserAttribute : Attribute;
