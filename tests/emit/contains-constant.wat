  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 65792))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 216)))
    (call $has_int
      (local.get 1)
      (i64.const 3))
  )
  (func $condition_1 (param $frame i32) (result i32)
    (local i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 65792))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 240)))
    (call $has_string
      (local.get 1)
      (i32.const 1024))
  )
  (func $condition_2 (param $frame i32) (result i32)
    (local i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 65792))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 24)))
    (call $has_entity
      (local.get 1)
      (i64.const -7403679102787076769)
      (i64.const 1133305445666530365))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_1
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_2
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 2)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\01\00\00\00\08\00\00\00\00\00\00\00a\00\00\00\00\00\00\00")
