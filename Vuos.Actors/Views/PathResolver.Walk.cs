using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Views;

internal sealed partial class PathResolver
{
    /// <summary>The kernel's limit on followed links (MAXSYMLINKS).</summary>
    private const int MaxLinks = 40;

    private readonly PathBuffer todo = new();
    private readonly PathBuffer kernelWay = new();

    /// <summary>
    /// The sure way: component by component, following links as the view shows them. Beside it <see cref="kernelWay"/> says where the kernel gets by the same steps: as
    /// long as that is the same place, the kernel can go by itself.
    /// </summary>
    private void Walk(GuestThread thread, ReadOnlySpan<byte> path, bool absolute, bool fromCwd, bool follow, ReadOnlySpan<byte> root, bool beneath,
        Resolution result)
    {
        var view = result.View;
        view.Set(baseView.Span);
        todo.Set(path);
        kernelWay.Set(absolute ? [] : baseHost.Span);
        var native = absolute ? root.Length == 0 : !baseInUnion;
        var links = 0;
        result.Top = null;
        result.MustBeDirectory = false;
        scoped ReadOnlySpan<byte> last = default;
        var rest = todo.Span;
        if (Table.AnyVirtual && IsVirtual(view.Span, result) && GoVirtual(thread, ref rest, follow, root, ref links, ref native, result))
            return;
        while (NextComponent(ref rest, out var component))
        {
            last = component;
            var final = !HasMore(rest);
            if (component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
            {
                if (!fromCwd && !IsDirectory(view.Span))
                {
                    StopAt(rest, component, native, result);
                    return;
                }

                if (view.Length > root.Length || !BytePath.IsAtOrBelow(view.Span, root))
                {
                    view.Pop();
                }
                else if (beneath)
                {
                    result.Fail(Errno.EXDEV);
                    return;
                }

                kernelWay.Pop();
                native &= Table.Translate(view.Span, probe, out _, epoch) && probe.Span.SequenceEqual(kernelWay.Span);
                continue;
            }

            fromCwd = false;
            var parent = view.Length;
            view.Push(component);
            kernelWay.Push(component);
            if (!Translate(view.Span, result, out var top))
            {
                result.Fail(Errno.ENOENT);
                return;
            }

            if (result.Hit.Place == Place.Virtual)
            {
                if (GoVirtual(thread, ref rest, follow, root, ref links, ref native, result))
                    return;
                last = default;
                continue;
            }

            var host = result.Host.Span;
            native &= top?.Union is null && host.SequenceEqual(kernelWay.Span);
            if (final && !follow && (rest.IsEmpty || nameItself))
                break;
            var length = ProcLinks.TryExpand(host, thread, findProcess, final, link, out var keep)
                is var expanded && expanded != 0 ? expanded : keep ? -(int)Errno.EINVAL : Files.ReadLink(result.Host.ForKernel(), link);
            if (length < 0)
            {
                if (length != -(int)Errno.EINVAL && !final)
                {
                    StopAt(rest, default, native, result);
                    return;
                }

                continue;
            }

            result.LinksFollowed = true;
            result.MagicLinksFollowed |= keep;
            if (++links > MaxLinks)
            {
                if (!native)
                    result.Fail(Errno.ELOOP);
                result.Top = top;
                return;
            }

            // Substitute the link: its text, then what is left of the path.
            var target = link.AsSpan(0, (int)length);
            spare.Set(target);
            if (!rest.IsEmpty)
            {
                spare.Append("/"u8);
                spare.Append(rest);
            }

            todo.Set(spare.Span);
            rest = todo.Span;
            if (target.Length > 0 && target[0] == (byte)'/')
            {
                if (beneath)
                {
                    result.Fail(Errno.EXDEV);
                    return;
                }

                view.Set(keep ? [] : root);
                kernelWay.Clear();
                native &= keep || root.Length == 0;
            }
            else
            {
                view.Truncate(parent);
                kernelWay.Pop();
            }
        }

        if (!Translate(view.Span, result, out var seen))
        {
            result.Fail(Errno.ENOENT);
            return;
        }

        if (result.Hit.Place == Place.Virtual && GoVirtual(thread, ref rest, follow, root, ref links, ref native, result))
            return;
        result.Top = seen;
        native &= seen?.Union is null && result.Host.Span.SequenceEqual(kernelWay.Span);
        // The last link's text may end in a slash of its own.
        result.MustBeDirectory = todo.Span.EndsWith("/"u8) || last.SequenceEqual("."u8);
        if (todo.Length > 0)
            AppendTail(todo.Span, last, result.Host);
        result.Kind = native ? ResolutionKind.Native : ResolutionKind.Host;
    }

    /// <summary>
    /// The walk cannot go on. What is wrong is for the kernel to say, after it has looked at the call's other arguments: it gets the host path up to here and the rest as written.
    /// </summary>
    private void StopAt(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> component, bool native, Resolution result)
    {
        if (!Translate(result.View.Span, result, out var top))
        {
            result.Fail(Errno.ENOENT);
            return;
        }

        result.Top = top;
        // The place found is that of a name on the way, which is not the call's.
        result.Hit.Clear();
        if (!component.IsEmpty)
            result.Host.Push(component);
        result.Host.Append(rest);
        result.Kind = native ? ResolutionKind.Native : ResolutionKind.Host;
    }

    private bool Translate(ReadOnlySpan<byte> view, Resolution result, out Mount? top) =>
        Table.Translate(view, result.Host, out top, epoch, result.Hit, walked: true, out _);

    private bool IsVirtual(ReadOnlySpan<byte> view, Resolution result) => Translate(view, result, out _) && result.Hit.Place == Place.Virtual;

    /// <summary>The walk has come into a virtual file system. True: it ended there; else it goes on outside, at the view path, with the rest that is left.</summary>
    private bool GoVirtual(GuestThread thread, ref ReadOnlySpan<byte> rest, bool follow, ReadOnlySpan<byte> root, ref int links, ref bool native, Resolution result)
    {
        var rel = PathBuffer.Rent();
        rel.Set(result.Hit.Rel.Span);
        var way = WalkVirtual(thread, result.Hit.Layer!, rel.Span, rest, follow, root, ref links, result);
        PathBuffer.Return(rel);
        if (way == Way.Ended)
            return true;
        if (beneathNow)
        {
            result.Fail(Errno.EXDEV);
            return true;
        }

        rest = todo.Span;
        result.Kind = ResolutionKind.Native;
        // The kernel's own way does not go through here.
        native = false;
        kernelWay.Set(RoutingTable.Nowhere);
        return false;
    }

    private bool IsDirectory(ReadOnlySpan<byte> view) =>
        Table.Translate(view, probe, out _, epoch) && Files.Stat(probe.ForKernel(), out var stat) == 0 && stat.IsDirectory;

    private static bool HasMore(ReadOnlySpan<byte> rest) => rest.IndexOfAnyExcept((byte)'/') >= 0;
}
