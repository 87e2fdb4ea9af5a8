internal import CCurl
internal import Glibc

/// The loop's epoll set, and whose each descriptor in it is.
final class Watch {
    let descriptor: Int32
    private var owners: [Unmanaged<Connection>?] = []

    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The connection that the descriptor belongs to; nil where it was taken out meanwhile.
    func owner(of descriptor: Int32) -> Connection? {
        owners.indices.contains(Int(descriptor)) ? owners[Int(descriptor)]?.takeUnretainedValue() : nil
    }

    /// Watches the descriptor for the events. Its owner takes it out before it goes away.
    ///
    /// Where the kernel refuses (no memory, too many watches) the transfer ends by its time-out.
    func set(_ descriptor: Int32, _ events: EPOLL_EVENTS, owner: Connection) {
        while owners.count <= Int(descriptor) { owners.append(nil) }
        let isKnown = owners[Int(descriptor)] != nil
        owners[Int(descriptor)] = Unmanaged.passUnretained(owner)
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(fd: descriptor))
        epoll_ctl(self.descriptor, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event)
    }

    /// Takes the descriptor out: before it is closed, since a forked child may hold a copy of it.
    func remove(_ descriptor: Int32) {
        guard owners.indices.contains(Int(descriptor)), owners[Int(descriptor)] != nil else { return }
        owners[Int(descriptor)] = nil
        var event = epoll_event()
        epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, &event)
    }
}
