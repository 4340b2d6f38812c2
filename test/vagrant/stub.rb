# Loads a Vagrantfile without Vagrant and prints what it asked for, as JSON.
# Usage: ruby stub.rb VAGRANTFILE [EVENT MACHINE]...: then the triggers after these events run as well, e.g. up vm1.
require "json"

# Remembers every call: with a block, it yields another recorder to it.
class Recorder
  attr_reader :calls

  def initialize(machine = nil)
    @machine = machine
    @calls = []
  end

  def method_missing(name, *args, **options, &block)
    return @calls.select { |call| call.first == :cloud_init && ENV["IGNORES_CLOUD_INIT"].nil? } if name == :cloud_init_configs

    if block && name == :ruby
      @calls << [:ruby, block]
    elsif block && %i[before after].include?(name)
      trigger = Recorder.new
      block.call(trigger)
      ruby = trigger.calls.assoc(:ruby)
      ruby ? $triggers << [args.flatten, @machine, ruby.last] : @calls << [name, args.flatten, trigger.calls]
    elsif block
      inner = Recorder.new(name == :define ? args.first : @machine)
      own = Recorder.new
      block.arity == 1 ? block.call(inner) : block.call(own, inner)
      @calls << [name, args, own.calls + inner.calls]
    elsif args.empty? && options.empty?
      (@parts ||= {})[name] ||= Recorder.new(@machine).tap { |part| @calls << [name, part.calls] }
    else
      @calls << (options.empty? ? [name, *args] : [name, *args, options])
    end
  end

  def respond_to_missing?(*) = true

  # vmware.vmx["x"] = y
  def []=(key, value)
    @calls << [key, value]
  end
end

$triggers = []
module Vagrant
  def self.require_version(*) = nil

  def self.configure(_version)
    config = Recorder.new
    yield config
    $calls = config.calls
  end
end

State = Struct.new(:id)
Machine = Struct.new(:name, :id) do
  def communicate = self
  def state = State.new(id.nil? ? :not_created : :running)
  def test(command) = command.start_with?("test -e ")
end

load File.expand_path(ARGV.shift)
ARGV.each_slice(2) do |event, name|
  $triggers.each do |events, owner, block|
    next unless events.include?(event.to_sym) && (owner.nil? || owner == name)
    block.call(nil, Machine.new(name.to_sym, event == "destroy" ? nil : "id"))
  end
end
puts JSON.generate($calls)
