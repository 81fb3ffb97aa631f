import Foundation
import Synchronization

/// A process of this machine, in a group of its own; what it prints goes to files.
final class LocalProcess: Sendable {
    struct Failure: Error {
        let message: String
    }

    private let group = Mutex<(id: pid_t, isStopped: Bool)>((0, false))

    /// Ends the process and all that it began.
    func stop() {
        group.withLock { group in
            group.isStopped = true
            if group.id > 0 { kill(-group.id, SIGKILL) }
        }
    }

    /// As Ctrl-C does it.
    func interrupt() {
        group.withLock { group in
            if group.id > 0 { kill(-group.id, SIGINT) }
        }
    }

    /// Runs it to its end. The answer is its exit status, or minus the signal that ended it.
    /// `input`: what it reads from; nil: nothing. `begun` is called when it has it, or has not begun.
    func run(
        _ arguments: [String], environment: [String], output: String, errors: String, input: Int32? = nil, begun: () -> Void = {}
    ) async throws -> Int {
        let id: pid_t
        do {
            defer { begun() }
            id = try group.withLock { group in
                if group.isStopped { throw Failure(message: "The task was stopped.") }
                group.id = try Self.spawn(arguments, environment, output, errors, input)
                return group.id
            }
        }
        // Waiting blocks, and may last for hours.
        let status: Int = await withCheckedContinuation { continuation in
            let thread = Thread {
                var status: Int32 = 0
                while waitpid(id, &status, 0) == -1, errno == EINTR {}
                let signal = Int(status & 0x7f)
                continuation.resume(returning: signal == 0 ? Int(status >> 8 & 0xff) : -signal)
            }
            thread.name = "dbxsim-python"
            thread.start()
        }
        // What it left behind ends with it, before its number is another's.
        group.withLock { group in
            kill(-id, SIGKILL)
            group.id = 0
        }
        return status
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String], _ output: String, _ errors: String, _ input: Int32?
    ) throws -> pid_t {
        guard let program = arguments.first else { throw Failure(message: "There is no command.") }
        #if canImport(Darwin)
            var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?) = (nil, nil)
        #else
            var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // The server keeps signals for itself; its processes are to hear them.
        var (none, heard) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&heard)
        sigaddset(&heard, SIGINT)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &heard)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw Failure(message: "\(program) cannot be begun: \(String(cString: strerror(code)))") }
        return id
    }
}
